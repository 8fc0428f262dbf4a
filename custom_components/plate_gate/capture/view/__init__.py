"""What a camera sees, told from its pictures alone: numbers in, numbers out.

Motion, pictures that are stuck, a lens that is dark, covered, blurred or turned, and the
region that is looked at. Nothing here knows where pictures come from.
"""
