"""Who is let in, and who is not, measured on labeled photographs."""
