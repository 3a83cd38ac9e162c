"""Closed days of the audit stream as Parquet files with signed manifests: written, proven, kept, and let go."""
