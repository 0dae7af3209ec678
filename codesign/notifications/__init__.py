"""Notifications: the bell and the outbox of letters. Follows the log by bookmark; lower rooms never call it."""
