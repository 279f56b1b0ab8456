"""The catalogue, its stock, and what fans spent their points on."""
