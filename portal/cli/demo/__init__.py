"""The invented district of the demonstration: 云湖区, 望湖街道, and who lives and works there."""
