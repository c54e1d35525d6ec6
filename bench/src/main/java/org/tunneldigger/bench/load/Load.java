// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.load;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.tunneldigger.protocol.Endpoint;

/** The command {@code bench/load}; docs/load.md describes it. */
public final class Load {
    private static final String USAGE = """
            usage: load cookies ADDRESS:PORT [--rate REQUESTS_PER_SECOND] [--seconds S] [--warm-up S] [--sockets K]
                   load sessions ADDRESS:PORT --count N [--at-a-time C] [--hold S] [--churn SESSIONS_PER_SECOND] [--teardown]
                   load data ADDRESS:PORT --count N --rate PACKETS_PER_SECOND --size FRAME_BYTES [--seconds S] [--at-a-time C] [--teardown]
                   each with [--json FILE]
            """;

    private Load() {}

    public static void main(String[] line) {
        System.exit(run(List.of(line), System.out, System.err));
    }

    /** Returns the exit code: 0, 1 when something failed, 2 when the command line makes no sense. */
    static int run(List<String> line, PrintStream out, PrintStream err) {
        if (line.contains("--help")) {
            out.print(USAGE);
            return 0;
        }
        try {
            Arguments arguments = new Arguments(line, Set.of("--teardown"));
            Optional<String> json = arguments.text("--json");
            Figures figures = measure(arguments);
            figures.print(out);
            if (json.isPresent()) {
                Files.writeString(Path.of(json.get()), figures.json());
            }
            return 0;
        } catch (UsageException e) {
            err.println("load: " + e.getMessage());
            err.print(USAGE);
            return 2;
        } catch (IOException e) {
            err.println("load: " + e.getMessage());
            return 1;
        }
    }

    private static Figures measure(Arguments arguments) throws UsageException, IOException {
        String mode = arguments.word("what to load with (cookies, sessions or data)");
        return switch (mode) {
            case "cookies" -> {
                Endpoint broker = arguments.endpoint();
                CookieLoad.Options options = CookieLoad.Options.of(arguments);
                arguments.end();
                yield new CookieLoad(broker, options).run();
            }
            case "sessions" -> {
                Endpoint broker = arguments.endpoint();
                SessionLoad.Options options = SessionLoad.Options.ofSessions(arguments);
                arguments.end();
                yield new SessionLoad(broker, options).run();
            }
            case "data" -> {
                Endpoint broker = arguments.endpoint();
                SessionLoad.Options options = SessionLoad.Options.ofData(arguments);
                arguments.end();
                yield new SessionLoad(broker, options).run();
            }
            default -> throw new UsageException("it loads with cookies, sessions or data, not with " + mode);
        };
    }
}
