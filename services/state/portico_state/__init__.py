"""Everything Portico keeps in Redis or Valkey, and the signed files outside it that witness the audit stream."""
