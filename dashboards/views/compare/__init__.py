"""What changed: two periods, or two snapshots, side by side."""
