package dev.jloop.testkit.contract;

import dev.jloop.core.EventLoop;
import dev.jloop.testkit.SimulatedNetwork;
import dev.jloop.testkit.VirtualTimeLoop;

/// Connections within one simulated host.
class SimulatedTransportTest extends TransportContract {
    @Override
    protected EventLoop newLoop() {
        var loop = VirtualTimeLoop.create();
        SimulatedNetwork.on(loop);
        return loop;
    }
}
