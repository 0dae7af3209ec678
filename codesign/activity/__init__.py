"""Activity: what happened in a space, told from its log; the audit view for its team."""
