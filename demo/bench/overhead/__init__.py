"""What Plate Gate itself adds: time from an answer to the gate, and memory."""
