package dev.jloop.transports;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/// What is looked up. Equal questions share one answer.
///
/// @param <V> the type of the answer
sealed interface Question<V> {
    /// Blocks, on a thread of the resolver.
    V ask(NameService names) throws UnknownHostException;

    /// {@return what is looked up, in words}
    String text();

    /// The addresses of a host.
    ///
    /// @param host in lower case
    record AddressesOf(String host) implements Question<List<InetAddress>> {
        @Override
        public List<InetAddress> ask(NameService names) throws UnknownHostException {
            return List.copyOf(names.addressesOf(host));
        }

        @Override
        public String text() {
            return "host '" + host + "'";
        }
    }

    /// The name of an address.
    record NameOf(InetAddress address) implements Question<String> {
        @Override
        public String ask(NameService names) throws UnknownHostException {
            return names.nameOf(address);
        }

        @Override
        public String text() {
            return "address " + address.getHostAddress();
        }
    }
}
