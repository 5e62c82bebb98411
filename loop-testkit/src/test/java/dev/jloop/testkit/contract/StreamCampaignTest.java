package dev.jloop.testkit.contract;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// Streams under many seeds.
@Tag("nightly")
@ParameterizedClass(name = "seed {0}")
@MethodSource("dev.jloop.testkit.contract.TwoHosts#manySeeds")
class StreamCampaignTest extends SeededStream {}
