"""What operations, statuses, roles, refusals and entries of the audit log are called."""
