"""Stage 0: the audit trail, the clock, the study's versions and the outbox."""
