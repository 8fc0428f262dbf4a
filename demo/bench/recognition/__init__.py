"""Measures stage 2, the recognition: ``scripts/bench recognizer --peer``, ``recognize``.

How well and how fast pictures are read, and how the service bears several cameras; both
beside rapidocr's stock pipeline, which is what people take who write this themselves. It
lives in an environment of its own (`requirements/bench.txt`).
"""
