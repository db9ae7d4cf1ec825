"""What hosts said: the collector's stream decoded, and kept so that an audit can be repeated without the fleet."""
