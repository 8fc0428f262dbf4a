"""Looks for plates wherever Home Assistant writes, after many vehicles."""
