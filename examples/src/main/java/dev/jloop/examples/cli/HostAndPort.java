package dev.jloop.examples.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.util.regex.Pattern;

/// A server to connect with.
///
/// @param host a name, or an address without brackets
/// @param port from 1 to 65535
record HostAndPort(String host, int port) {
    private static final int LAST_PORT = 65_535;

    /// Reads `localhost:8080`, `10.0.0.1:8080` or `[::1]:8080`.
    static final class Converter implements ITypeConverter<HostAndPort> {
        private static final Pattern ADDRESS =
                Pattern.compile("(?:\\[([^\\]]+)\\]|([^:\\[\\]]+)):([0-9]{1,5})");

        @Override
        public HostAndPort convert(String text) {
            var parts = ADDRESS.matcher(text);
            var port = parts.matches() ? Integer.parseInt(parts.group(3)) : 0;
            if (port < 1 || port > LAST_PORT) {
                throw new TypeConversionException(
                        "'" + text + "' is no HOST:PORT, such as localhost:8080 or [::1]:8080");
            }
            return new HostAndPort(parts.group(1) == null ? parts.group(2) : parts.group(1), port);
        }
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
