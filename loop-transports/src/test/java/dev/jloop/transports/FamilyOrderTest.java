package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

class FamilyOrderTest {
    /// `a1` stands for 192.0.2.1, and `b1` for 2001:db8::1.
    private static InetAddress address(String name) {
        var number = name.substring(1);
        return InetAddress.ofLiteral(
                name.startsWith("a") ? "192.0.2." + number : "2001:db8::" + number);
    }

    private static List<InetAddress> addresses(String names) {
        return Arrays.stream(names.split(" ")).map(FamilyOrderTest::address).toList();
    }

    @ParameterizedTest(name = "{0} with {1} of the first family")
    @CsvSource({
        "a1 a2 a3 b1 b2 b3, 1, a1 b1 a2 b2 a3 b3",
        "a1 a2 a3 b1 b2 b3, 2, a1 a2 b1 a3 b2 b3",
        "a1 a2 a3 b1 b2 b3, 3, a1 a2 a3 b1 b2 b3",
        "a1 a2 b1 b2 b3, 7, a1 a2 b1 b2 b3",
        "b2 b1 b3 a1, 1, b2 a1 b1 b3",
        "a1 b1 b2 a2, 1, a1 b1 a2 b2",
        "a1 b1 b2 a2, 0, a1 b1 b2 a2",
        "a2 a1, 1, a2 a1",
        "a1 a1 b1 a1, 0, a1 b1",
    })
    void familiesTakeTurnsAndKeepTheOrderOfTheResolver(String given, int first, String expected) {
        var ordered = FamilyOrder.interleave(addresses(given), first);
        assertThat(ordered.stream().map(InetAddress::getHostAddress).collect(Collectors.toList()))
                .isEqualTo(addresses(expected).stream().map(InetAddress::getHostAddress).toList());
    }

    @Test
    void noAddressesStayNone() {
        assertThat(FamilyOrder.interleave(List.of(), 1)).isEmpty();
    }
}
