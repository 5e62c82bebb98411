package dev.jloop.examples.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.lang.ArchRule;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;

/// The arrows between modules and packages, as rules.
final class Architecture {
    /// A module of the build, with the modules that it may use besides itself.
    enum Module {
        CORE("dev.jloop.core"),
        TRANSPORTS("dev.jloop.transports"),
        STREAMS("dev.jloop.streams"),
        EXECUTOR("dev.jloop.executor"),
        TESTKIT("dev.jloop.testkit"),
        NETTY("dev.jloop.netty"),
        EXAMPLES("dev.jloop.examples");

        private final String packageName;

        Module(String packageName) {
            this.packageName = packageName;
        }

        private Set<Module> uses() {
            return switch (this) {
                case CORE -> EnumSet.noneOf(Module.class);
                case TRANSPORTS -> EnumSet.of(CORE);
                case STREAMS, NETTY -> EnumSet.of(CORE, TRANSPORTS);
                case EXECUTOR -> EnumSet.of(CORE, TRANSPORTS, STREAMS);
                case TESTKIT -> EnumSet.of(CORE, TRANSPORTS, STREAMS, EXECUTOR);
                case EXAMPLES -> EnumSet.complementOf(EnumSet.of(EXAMPLES));
            };
        }

        String packages() {
            return packageName + "..";
        }

        private String[] packagesOutOfReach() {
            return Stream.of(values())
                    .filter(other -> other != this && !uses().contains(other))
                    .map(Module::packages)
                    .toArray(String[]::new);
        }
    }

    private Architecture() {}

    /// A module uses only those that the table of modules gives it.
    static ArchRule arrowsOf(Module module) {
        return noClasses()
                .that()
                .resideInAPackage(module.packages())
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(module.packagesOutOfReach())
                .because("the arrows between modules point one way")
                .allowEmptyShould(true);
    }

    /// The core uses the JDK, SLF4J and the annotations for null, and nothing else.
    static ArchRule coreStandsAlone() {
        return classes()
                .that()
                .resideInAPackage(Module.CORE.packages())
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        Module.CORE.packages(),
                        "java..",
                        "javax.management..",
                        "com.sun.management..",
                        "jdk.jfr..",
                        "org.slf4j..",
                        "org.jspecify.annotations..")
                .because("whoever takes the core gets nothing besides");
    }

    /// No two packages use each other, not even on a detour.
    static ArchRule packagesHaveNoCycles() {
        return slices().matching("dev.jloop.(**)").should().beFreeOfCycles();
    }

    /// Reflection in the core is for the engines, for the signals that only an unsupported class
    /// gives, and for epoll: descriptors that the JDK hides, and calls of foreign functions.
    static ArchRule reflectionStaysInFewPlaces() {
        return noClasses()
                .that()
                .resideInAPackage(Module.CORE.packages())
                .and()
                .resideOutsideOfPackage("dev.jloop.core.engine..")
                .and()
                .haveNameNotMatching(
                        "dev\\.jloop\\.core\\."
                                + "(Signals|spi\\.ChannelDescriptors|spi\\.LinuxCalls)(\\$.*)?")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.reflect")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(MethodHandle.class)
                .orShould()
                .callMethod(Class.class, "forName", String.class)
                .orShould()
                .callMethod(MethodHandles.class, "privateLookupIn", Class.class, Lookup.class)
                .because("what leans on the JDK's inside must be in few places");
    }
}
