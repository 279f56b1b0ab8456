"""Who works on the programme: their keys, and the trail of what they did."""
