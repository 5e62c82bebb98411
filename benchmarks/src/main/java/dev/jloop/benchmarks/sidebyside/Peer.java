package dev.jloop.benchmarks.sidebyside;

import dev.jloop.benchmarks.peers.Service;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/// A server that can be started here.
///
/// @param name as it stands in tables
/// @param commands how to start it for each service that it offers
/// @param answersQuestions whether it is one of our JVMs, which tell what they have allocated
record Peer(String name, Map<Service, List<String>> commands, boolean answersQuestions) {
    boolean offers(Service service) {
        return commands.containsKey(service);
    }

    List<String> command(Service service) {
        return Objects.requireNonNull(commands.get(service));
    }
}
