package dev.jloop.testkit;

import dev.jloop.transports.Membership;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/// The multicast groups that an endpoint on a simulated host is in.
final class GroupMemberships {
    private final SimulatedDatagramLink endpoint;
    private final List<Joined> joined = new ArrayList<>();

    GroupMemberships(SimulatedDatagramLink endpoint) {
        this.endpoint = endpoint;
    }

    boolean isIn(InetAddress group) {
        return joined.stream().anyMatch(each -> each.group.equals(group));
    }

    boolean hears(InetAddress group, InetAddress sender) {
        return joined.stream()
                .anyMatch(each ->
                        each.group.equals(group)
                                && (each.source == null || each.source.equals(sender)));
    }

    /// @param source whose datagrams, or null for those of everyone
    Membership join(InetAddress group, @Nullable InetAddress source) {
        if (source != null
                && (source.isMulticastAddress()
                        || source.isAnyLocalAddress()
                        || !SimulatedAddresses.sameFamily(source, group))) {
            throw new IllegalArgumentException(
                    "source "
                            + source.getHostAddress()
                            + " is not the address of a sender of the family of group "
                            + group.getHostAddress());
        }
        for (var other : joined) {
            if (other.group.equals(group)
                    && (source == null || other.source == null || other.source.equals(source))) {
                throw new IllegalStateException(
                        endpoint
                                + " is in this group already: "
                                + other
                                + "; close that membership first");
            }
        }
        var membership = new Joined(group, source);
        joined.add(membership);
        return membership;
    }

    /// Ends with the endpoint.
    void end() {
        joined.clear();
    }

    private final class Joined implements Membership {
        private final InetAddress group;
        private final @Nullable InetAddress source;

        Joined(InetAddress group, @Nullable InetAddress source) {
            this.group = group;
            this.source = source;
        }

        @Override
        public boolean isValid() {
            endpoint.loop().checkThread("Membership.isValid");
            return joined.contains(this);
        }

        @Override
        public void close() {
            endpoint.loop().checkThread("Membership.close");
            joined.remove(this);
        }

        @Override
        public String toString() {
            return "Membership["
                    + group.getHostAddress()
                    + (source == null ? "" : " from " + source.getHostAddress())
                    + "]";
        }
    }
}
