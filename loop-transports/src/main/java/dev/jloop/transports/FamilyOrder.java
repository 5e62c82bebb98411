package dev.jloop.transports;

import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// The order in which the addresses of a name are tried: the families take turns, and each keeps
/// the resolver's order.
final class FamilyOrder {
    private FamilyOrder() {}

    /// {@return the addresses in another order} One that occurs twice comes once.
    ///
    /// @param addresses in the resolver's order
    /// @param first how many of the first family come before one of another; 0 keeps the order
    static List<InetAddress> interleave(List<InetAddress> addresses, int first) {
        var distinct = addresses.stream().distinct().toList();
        if (first == 0 || distinct.isEmpty()) {
            return distinct;
        }
        var families = new LinkedHashMap<Class<?>, ArrayDeque<InetAddress>>();
        for (var address : distinct) {
            families.computeIfAbsent(address.getClass(), _ -> new ArrayDeque<>()).add(address);
        }
        var ordered = new ArrayList<InetAddress>(distinct.size());
        var favoured = families.firstEntry().getValue();
        // The last of the favoured ones comes with the first round.
        while (ordered.size() < first - 1 && !favoured.isEmpty()) {
            ordered.add(favoured.remove());
        }
        while (ordered.size() < distinct.size()) {
            for (var family : families.values()) {
                if (!family.isEmpty()) {
                    ordered.add(family.remove());
                }
            }
        }
        return ordered;
    }
}
