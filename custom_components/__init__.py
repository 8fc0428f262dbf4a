"""Custom components, importable by the tests."""
