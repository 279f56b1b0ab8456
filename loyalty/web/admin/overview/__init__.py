"""The first page of the admin: today beside a usual day, what asks for attention, whether the books hold."""
