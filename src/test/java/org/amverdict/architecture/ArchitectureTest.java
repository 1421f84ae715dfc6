package org.amverdict.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;

/** Holds the rules of src/docs/architecture.md: which package may use which, and that the core is pure. */
@AnalyzeClasses(
        packages = "org.amverdict",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoTestJars.class})
final class ArchitectureTest {
    /** Leaves out what the tests of native-bindings share with those of this module, once it is packaged. */
    static final class NoTestJars implements ImportOption {
        @Override
        public boolean includes(final Location location) {
            return !location.contains("-tests.jar");
        }
    }

    private static final String ROOT = "org.amverdict.";
    private static final String[] CORE = {
        ROOT + "packet..", ROOT + "amanda..", ROOT + "policy..", ROOT + "table..", ROOT + "track..", ROOT + "engine.."
    };
    private static final String[] LANGUAGE = {
        "java.lang", "java.lang.invoke", "java.util", "java.util.concurrent.atomic", "java.nio.charset",
        "java.util.function", "java.util.stream", "java.math", "org.jspecify.annotations", "io.netty.buffer"
    };

    private static String[] languageAnd(final String... packages) {
        final String[] all = new String[LANGUAGE.length + packages.length];
        System.arraycopy(LANGUAGE, 0, all, 0, LANGUAGE.length);
        for (int i = 0; i < packages.length; i++) {
            all[LANGUAGE.length + i] = ROOT + packages[i];
        }
        return all;
    }

    private static ArchRule mayOnlyUse(final String packageName, final String... others) {
        return classes()
                .that()
                .resideInAPackage(ROOT + packageName)
                .should()
                .onlyDependOnClassesThat()
                // Arrays of primitives have no package.
                .resideInAnyPackage(concat(languageAnd(others), ROOT + packageName, ""));
    }

    private static String[] concat(final String[] some, final String... more) {
        final String[] all = java.util.Arrays.copyOf(some, some.length + more.length);
        System.arraycopy(more, 0, all, some.length, more.length);
        return all;
    }

    @ArchTest
    static final ArchRule packetUsesBytesOnly = mayOnlyUse("packet");

    @ArchTest
    static final ArchRule amandaUsesBytesOnly = mayOnlyUse("amanda");

    @ArchTest
    static final ArchRule policyUsesAmanda = mayOnlyUse("policy", "amanda", "packet");

    @ArchTest
    static final ArchRule tableUsesPacket = mayOnlyUse("table", "packet");

    @ArchTest
    static final ArchRule trackUsesPacketAmandaAndTables = mayOnlyUse("track", "packet", "amanda", "table");

    /** Only their owner knows how the tables are made; the engine and the saved state take the locks of the owner. */
    @ArchTest
    static final ArchRule onlyTrackIsMadeOfTables = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + "table", ROOT + "track", ROOT + "engine", ROOT + "state")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ROOT + "table");

    @ArchTest
    static final ArchRule engineUsesTheCore = mayOnlyUse("engine", "packet", "amanda", "policy", "table", "track");

    private static ArchRule mayOnlyKnow(final String packageName, final String... others) {
        final String[] rooms = new String[others.length + 1];
        rooms[0] = ROOT + packageName;
        for (int i = 0; i < others.length; i++) {
            rooms[i + 1] = ROOT + others[i];
        }
        return noClasses()
                .that()
                .resideInAPackage(ROOT + packageName)
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage("org.amverdict..").and(DescribedPredicate.not(resideInAnyPackage(rooms))));
    }

    @ArchTest
    static final ArchRule eventsKnowTheCore =
            mayOnlyKnow("events", "engine", "track", "policy", "amanda", "packet", "json", "text");

    @ArchTest
    static final ArchRule historyListensToEvents =
            mayOnlyKnow("history", "events", "engine", "track", "policy", "amanda", "packet", "json", "console");

    /** Its format is a setting, declared once. */
    @ArchTest
    static final ArchRule logListensToEvents =
            mayOnlyKnow("log", "config", "history", "events", "engine", "amanda", "packet");

    /** What it writes is a configuration, so it knows that room, and nothing of the running program. */
    @ArchTest
    static final ArchRule initReadsTheHostAndWritesAConfiguration =
            mayOnlyKnow("init", "host", "config", "policy", "amanda", "packet", "text");

    @ArchTest
    static final ArchRule suggestReadsEvents =
            mayOnlyKnow("suggest", "eventfiles", "json", "policy", "amanda", "packet", "text");

    @ArchTest
    static final ArchRule loopKnowsNoOtherRoom = mayOnlyKnow("loop");

    @ArchTest
    static final ArchRule incidentsKnowNoOtherRoom = mayOnlyKnow("incidents");

    @ArchTest
    static final ArchRule httpIsALoop = mayOnlyKnow("http", "loop", "incidents");

    /** Puts the listeners together and reads all counters, so it knows all of them; nothing but cli knows it. */
    @ArchTest
    static final ArchRule telemetryKnowsTheListeners = mayOnlyKnow(
            "telemetry",
            "log",
            "history",
            "events",
            "http",
            "json",
            "incidents",
            "worker",
            "engine",
            "track",
            "amanda",
            "packet");

    @ArchTest
    static final ArchRule onlyCliKnowsTelemetry = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + "telemetry", ROOT + "cli")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ROOT + "telemetry");

    @ArchTest
    static final ArchRule workerUsesEngineAndQueue = noClasses()
            .that()
            .resideInAPackage(ROOT + "worker")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    ROOT + "events..",
                    ROOT + "history..",
                    ROOT + "log..",
                    ROOT + "http..",
                    ROOT + "telemetry..",
                    ROOT + "config..",
                    ROOT + "cli..",
                    ROOT + "rules..",
                    ROOT + "replay..",
                    ROOT + "demo..",
                    ROOT + "lab..",
                    ROOT + "workload..",
                    ROOT + "policy..",
                    ROOT + "amanda..",
                    ROOT + "track..");

    /** The control socket answers from what others know; only cli hands it a reload, which knows files and workers. */
    @ArchTest
    static final ArchRule controlAnswersFromHistory = noClasses()
            .that()
            .resideInAPackage(ROOT + "control")
            .should()
            .dependOnClassesThat(resideInAnyPackage("org.amverdict..")
                    .and(DescribedPredicate.not(resideInAnyPackage(
                            ROOT + "control",
                            ROOT + "history",
                            ROOT + "events",
                            ROOT + "json",
                            ROOT + "loop",
                            ROOT + "incidents",
                            ROOT + "text",
                            ROOT + "track",
                            ROOT + "policy",
                            ROOT + "amanda",
                            ROOT + "packet"))));

    /** Text for people is made from the daemon's answers alone, by no clock but theirs. */
    @ArchTest
    static final ArchRule consoleUsesJson = noClasses()
            .that()
            .resideInAPackage(ROOT + "console")
            .should()
            .dependOnClassesThat(resideInAnyPackage("org.amverdict..")
                    .and(DescribedPredicate.not(resideInAnyPackage(ROOT + "console", ROOT + "json", ROOT + "text"))));
    /** What it looks at comes through its Host, and it changes nothing: no part of the running program. */
    @ArchTest
    static final ArchRule doctorLooksOnly = noClasses()
            .that()
            .resideInAPackage(ROOT + "doctor")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    ROOT + "worker..",
                    ROOT + "events..",
                    ROOT + "history..",
                    ROOT + "log..",
                    ROOT + "http..",
                    ROOT + "telemetry..",
                    ROOT + "track..",
                    ROOT + "cli..",
                    ROOT + "replay..",
                    ROOT + "demo..",
                    ROOT + "lab..",
                    ROOT + "workload..",
                    ROOT + "bench..");

    /** A room that knows these rooms of the program and no other. */
    private static ArchRule knowsOnly(final String packageName, final String... others) {
        final String[] known = java.util.Arrays.copyOf(others, others.length + 1);
        for (int i = 0; i < others.length; i++) {
            known[i] = ROOT + others[i];
        }
        known[others.length] = ROOT + packageName;
        return noClasses()
                .that()
                .resideInAPackage(ROOT + packageName)
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage("org.amverdict..").and(DescribedPredicate.not(resideInAnyPackage(known))));
    }

    @ArchTest
    static final ArchRule textKnowsNoRoom = knowsOnly("text");

    @ArchTest
    static final ArchRule hostKnowsAddressesAndTheKernel =
            knowsOnly("host", "nfqueue", "nfqueue.ffi", "packet", "policy", "json", "text");

    @ArchTest
    static final ArchRule firewallKnowsTheHost = knowsOnly("firewall", "host", "json", "packet", "policy");

    /** What the values mean is said in one place, and nothing of it depends on what runs. */
    @ArchTest
    static final ArchRule configKnowsTheCoreAndQueues =
            knowsOnly("config", "packet", "amanda", "policy", "track", "engine", "nfqueue", "json", "text");

    /** The event files are enough for a report: no part of the running program is asked. */
    @ArchTest
    static final ArchRule reportReadsTheEventFiles =
            knowsOnly("report", "eventfiles", "history", "events", "json", "console", "packet");

    /** Files and lines; what an event says is for its readers. */
    @ArchTest
    static final ArchRule eventFilesAreLines = knowsOnly("eventfiles", "text");

    /** It asks one client and reads one answer: what the daemon knows is not its matter. */
    @ArchTest
    static final ArchRule probeKnowsTheLanguage = knowsOnly("probe", "amanda", "policy");

    /** What the kernel reports about connections becomes events, like what the workers report. */
    @ArchTest
    static final ArchRule conntrackReportsEvents =
            knowsOnly("conntrack", "events", "incidents", "nfqueue", "nfqueue.ffi", "nfqueue.netlink", "packet");

    /** The wanted rules follow from the configuration, the installed ones are read by the firewall's room. */
    @ArchTest
    static final ArchRule rulesFollowFromTheConfiguration =
            knowsOnly("rules", "config", "firewall", "host", "policy", "amanda", "packet");

    /** The same engine over files: no queue, no worker. */
    @ArchTest
    static final ArchRule replayDrivesTheEngine =
            knowsOnly("replay", "events", "engine", "track", "policy", "amanda", "packet", "json");

    @ArchTest
    static final ArchRule demoPlaysInTheLab =
            knowsOnly("demo", "lab", "replay", "engine", "track", "policy", "amanda", "host", "text");

    @ArchTest
    static final ArchRule benchMeasuresInTheLab =
            knowsOnly("bench", "lab", "engine", "host", "json", "nfqueue", "nfqueue.ffi");

    /** Synthetic packets drive the engine of a warm-up, of the tests and of the benchmarks. */
    @ArchTest
    static final ArchRule workloadUsesTheCore = knowsOnly("workload", "packet", "amanda", "policy", "track", "engine");

    /** What runs in the lab is the packaged program, a process among others: no part of it is called. */
    @ArchTest
    static final ArchRule labKnowsTheProgramAsAProcess = knowsOnly("lab", "host", "nfqueue.ffi");

    /** The commands that look or show are at the top: no other room is built on them. */
    @ArchTest
    static final ArchRule nothingIsBuiltOnCommands = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + "cli", ROOT + "bench", ROOT + "demo", ROOT + "doctor")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ROOT + "cli", ROOT + "bench", ROOT + "demo", ROOT + "doctor");

    /** The host is seen through one class, so that every check can be fed captured texts. */
    @ArchTest
    static final ArchRule checksSeeTheHostThroughOneClass = noClasses()
            .that()
            .resideInAnyPackage(ROOT + "doctor", ROOT + "firewall", ROOT + "host")
            .and()
            .haveNameNotMatching(".*\\.host\\.(LocalHost|Tool|Subprocess)(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .haveNameMatching("java\\.nio\\.file\\.Files|java\\.lang\\.Process.*|java\\.net\\..*Socket"
                    + "|org\\.amverdict\\.nfqueue\\.QueueSocket|org\\.amverdict\\.host\\.(Tool|Subprocess)");

    @ArchTest
    static final ArchRule jnrStaysInFfi = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + "nfqueue.ffi")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jnr..", "com.kenai.jffi..");

    @ArchTest
    static final ArchRule bindingsKnowNoPolicy = noClasses()
            .that()
            .resideInAPackage(ROOT + "nfqueue..")
            .should()
            .dependOnClassesThat(resideInAnyPackage("org.amverdict..")
                    .and(DescribedPredicate.not(resideInAnyPackage(ROOT + "nfqueue.."))));

    @ArchTest
    static final ArchRule micrometerStaysInTelemetry = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + "telemetry")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.micrometer..", "io.prometheus..");

    @ArchTest
    static final ArchRule picocliStaysInCli = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + "cli..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("picocli..");

    @ArchTest
    static final ArchRule yamlStaysInConfigAndJson = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + "config..", ROOT + "json..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.snakeyaml..");

    @ArchTest
    static final ArchRule noCycles =
            slices().matching("org.amverdict.(**)").should().beFreeOfCycles();

    /** Time is an argument, randomness too, and a thread is somebody else's; a lock may be polite while it spins. */
    @ArchTest
    static final ArchRule coreHasNoClockAndNoThread = noClasses()
            .that()
            .resideInAnyPackage(CORE)
            .should()
            .accessTargetWhere(DescribedPredicate.describe(
                    "reads a clock, random numbers or the environment, or handles threads",
                    ArchitectureTest::isImpure));

    private static final Set<String> SPINNING = Set.of("onSpinWait", "yield");
    private static final Set<String> IMPURE_SYSTEM =
            Set.of("nanoTime", "currentTimeMillis", "getProperty", "getenv", "getLogger", "exit", "out", "err", "in");

    private static boolean isImpure(final JavaAccess<?> access) {
        final String owner = access.getTargetOwner().getName();
        final String name = access.getTarget().getName();
        return switch (owner) {
            case "java.lang.System" -> IMPURE_SYSTEM.contains(name);
            case "java.lang.Thread" -> !SPINNING.contains(name);
            case "java.lang.Math" -> name.equals("random");
            case "java.util.Random",
                    "java.util.UUID",
                    "java.util.Date",
                    "java.util.Timer",
                    "java.lang.Runtime",
                    "java.lang.Process" -> true;
            default -> owner.startsWith("java.util.concurrent.locks");
        };
    }
}
