package dev.jloop.testkit.contract;

import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// Connections under some seeds.
@ParameterizedClass(name = "seed {0}")
@MethodSource("dev.jloop.testkit.contract.TwoHosts#someSeeds")
class SeededTransportTest extends SeededTransport {}
