package dev.jloop.examples.kv;

/// Where a node of the store is found.
///
/// @param name what the other nodes and the clients call it, different for each node
/// @param host the name or address it listens on
/// @param port its port
public record NodeAddress(String name, String host, int port) {
    private static final int LAST_PORT = 65_535;

    /// Checks the values.
    public NodeAddress {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a node needs a name, at " + host + ":" + port);
        }
        if (port < 1 || port > LAST_PORT) {
            throw new IllegalArgumentException(
                    "the port of node "
                            + name
                            + " must be from 1 to "
                            + LAST_PORT
                            + ", was "
                            + port);
        }
    }

    @Override
    public String toString() {
        return name + " (" + host + ":" + port + ")";
    }
}
