"""Pages for staff: feedback, receipts, and the assistant's versions."""
