"""The worklist of all that is wrong, and one finding in its drawer."""
