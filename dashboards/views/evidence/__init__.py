"""Evidence: bundles, their form, and the export log."""
