package dev.jloop.transports;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/// Whom the threads of a [SystemResolver] ask. Blocks, and is called by several threads at once.
interface NameService {
    /// What the JDK knows, by itself or from the operating system.
    NameService JDK =
            new NameService() {
                @Override
                public List<InetAddress> addressesOf(String host) throws UnknownHostException {
                    return List.of(InetAddress.getAllByName(host));
                }

                @Override
                public String nameOf(InetAddress address) throws UnknownHostException {
                    var name = withoutName(address).getCanonicalHostName();
                    if (name.equals(address.getHostAddress())) {
                        throw new UnknownHostException("it has none that leads back to it");
                    }
                    return name;
                }
            };

    /// {@return at least one address}
    List<InetAddress> addressesOf(String host) throws UnknownHostException;

    String nameOf(InetAddress address) throws UnknownHostException;

    /// {@return a copy that remembers no name}
    private static InetAddress withoutName(InetAddress address) throws UnknownHostException {
        return address instanceof Inet6Address scoped && scoped.getScopeId() != 0
                ? Inet6Address.getByAddress(null, address.getAddress(), scoped.getScopeId())
                : InetAddress.getByAddress(address.getAddress());
    }
}
