package org.amverdict.cli;

import java.util.concurrent.Callable;
import org.amverdict.demo.Demo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code amverdict demo}: live verdicts on real packets, between network namespaces of its own. */
@Command(
        name = "demo",
        description = {
            "Shows the engine at work on real packets, between network namespaces of its own (about 20 s).",
            "Without root where the kernel allows it; without either, replays a recorded capture."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = ExitList.HEADING,
        exitCodeList = {"0:every verdict was as expected", "1:a verdict differed", "69:something is missing here"})
public final class DemoCommand implements Callable<Integer> {
    @Option(
            names = "--replay",
            description = "Replay a recorded capture through the same engine; no packets are touched.")
    private boolean replay;

    @Override
    public Integer call() {
        return new Demo(System.err).run(replay);
    }
}
