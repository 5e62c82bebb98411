package dev.jloop.examples.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;

import dev.jloop.core.PlantedInCore;
import dev.jloop.core.planted.PlantedBelowCore;
import dev.jloop.transports.PlantedInTransports;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The rules on the real classes, and on planted ones that break them: a rule that cannot fail is
/// worth nothing.
class ArchitectureTest {
    private static final JavaClasses OURS =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("dev.jloop");

    private static final JavaClasses PLANTED =
            new ClassFileImporter()
                    .importClasses(
                            PlantedInCore.class, PlantedBelowCore.class, PlantedInTransports.class);

    @Test
    void theClassesOfAllModulesAreSeen() {
        for (var name :
                new String[] {
                    "core.Async",
                    "transports.Net",
                    "streams.Streams",
                    "executor.Offload",
                    "netty.NettyServer"
                }) {
            assertThat(OURS.contain("dev.jloop." + name)).as(name).isTrue();
        }
        assertThat(OURS.contain(PlantedInCore.class)).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void aModuleUsesOnlyThoseBelowIt(Architecture.Module module) {
        Architecture.arrowsOf(module).check(OURS);
    }

    @Test
    void theCoreNeedsNothingButTheJdkAndSlf4j() {
        Architecture.coreStandsAlone().check(OURS);
    }

    @Test
    void noTwoPackagesUseEachOther() {
        Architecture.packagesHaveNoCycles().check(OURS);
    }

    @Test
    void reflectionIsInFewPlacesOfTheCore() {
        Architecture.reflectionStaysInFewPlaces().check(OURS);
    }

    @Test
    void aModuleThatUsesOneAboveItIsFound() {
        assertFinds(
                Architecture.arrowsOf(Architecture.Module.TRANSPORTS),
                "PlantedInTransports",
                "JdkCatalog");
        assertFinds(
                Architecture.arrowsOf(Architecture.Module.CORE),
                "PlantedInCore",
                "PlantedInTransports");
    }

    @Test
    void aCoreThatUsesAnotherLibraryIsFound() {
        assertFinds(Architecture.coreStandsAlone(), "PlantedInCore", "picocli");
    }

    @Test
    void packagesThatUseEachOtherAreFound() {
        assertFinds(Architecture.packagesHaveNoCycles(), "Cycle detected", "core.planted");
    }

    @Test
    void reflectionElsewhereIsFound() {
        assertFinds(
                Architecture.reflectionStaysInFewPlaces(),
                "PlantedBelowCore",
                "java.lang.reflect.Method",
                "Class.forName(",
                "MethodHandles.privateLookupIn(",
                "java.lang.invoke.MethodHandle>");
    }

    private static void assertFinds(ArchRule rule, String... named) {
        assertThatThrownBy(() -> rule.check(PLANTED))
                .isInstanceOf(AssertionError.class)
                .hasMessageContainingAll(named);
    }
}
