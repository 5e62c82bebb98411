package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;

/// A schedule that is shortened must not slide to another bug. Runs [PlantedTwins].
@Timeout(60)
class LikenessTest {
    private static final String RARE = "the rare bug";

    private static String report(Class<?> planted, Map<String, String> properties) {
        var events = PlantedRun.of(planted, properties);
        if (events.failed().count() == 0) {
            return "";
        }
        var text = new StringWriter();
        PlantedRun.failureIn(events).printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                PlantedTwins.Assertions.class,
                PlantedTwins.Durations.class,
                PlantedTwins.Deadlocks.class,
                PlantedTwins.Reports.class,
                PlantedTwins.LeakedTasks.class,
                PlantedTwins.Children.class,
                PlantedTwins.Causes.class
            })
    void theShortestScheduleShowsTheSameBugAsTheSeed(Class<?> planted) {
        var rare = planted == PlantedTwins.Durations.class ? "PT7H" : RARE;
        for (var seed = 1; seed < 40; seed++) {
            var number = String.valueOf(seed);
            if (report(planted, Map.of("jloop.seed", number)).contains(rare)) {
                var followed =
                        report(
                                planted,
                                Map.of("jloop.seed", number, "jloop.checkDeterminism", "true"));
                var schedule = PlantedRun.find("-Djloop\\.schedule=(\\S+)", followed);

                assertThat(schedule).matches("\\d+:\\d+,\\d+:\\d+");
                assertThat(report(planted, Map.of("jloop.schedule", schedule))).contains(rare);
                return;
            }
        }
        throw new AssertionError("no seed has shown it");
    }
}
