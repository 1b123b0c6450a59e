"""Assets, checks, schedules and resources, one module per stage."""
