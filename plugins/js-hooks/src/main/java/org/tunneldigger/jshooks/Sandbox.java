// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.EnvironmentAccess;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.PolyglotAccess;
import org.graalvm.polyglot.SandboxPolicy;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.io.IOAccess;
import org.jspecify.annotations.Nullable;

/**
 * The JavaScript engine, and what scripts may do with it: everything that the language itself has, and nothing of the machine.
 * The policy is checked by the engine itself too: {@link SandboxPolicy#CONSTRAINED} refuses a context that opens more.
 */
final class Sandbox implements AutoCloseable {
    static final String LANGUAGE = "js";
    private static final long CLOSE_PATIENCE_MILLIS = 1000;
    private static final String SURROUNDINGS = "surroundings.js";

    /** No member of any Java object. What the plugin hands in are proxies. */
    private static final HostAccess NOTHING =
            HostAccess.newBuilder().allowMutableTargetMappings().build();

    private final Engine engine;
    private final Source surroundings;

    /** Takes about a second, and must run with the plugin's class loader as context class loader. */
    Sandbox() {
        engine = withoutNativeLibrary(() -> Engine.newBuilder(LANGUAGE)
                .sandbox(SandboxPolicy.CONSTRAINED)
                .option("engine.WarnInterpreterOnly", "false")
                .out(OutputStream.nullOutputStream())
                .err(OutputStream.nullOutputStream())
                .logHandler(OutputStream.nullOutputStream())
                .build());
        surroundings = Source.newBuilder(LANGUAGE, resource(SURROUNDINGS), SURROUNDINGS)
                .internal(true)
                .buildLiteral();
        warmUp();
    }

    /** What the first context costs, half a second and tens of megabytes, is not the first script's doing. */
    private void warmUp() {
        try (Context context = open(OutputStream.nullOutputStream(), OutputStream.nullOutputStream())) {
            context.eval(surroundings);
        }
    }

    /** @param output takes what the script prints, and what it prints as errors */
    Context open(OutputStream output, OutputStream errors) {
        return Context.newBuilder(LANGUAGE)
                .engine(engine)
                .sandbox(SandboxPolicy.CONSTRAINED)
                .allowHostAccess(NOTHING)
                .allowHostClassLoading(false)
                .allowHostClassLookup(name -> false)
                .allowIO(IOAccess.NONE)
                .allowCreateThread(false)
                .allowCreateProcess(false)
                .allowNativeAccess(false)
                .allowPolyglotAccess(PolyglotAccess.NONE)
                .allowEnvironmentAccess(EnvironmentAccess.NONE)
                .in(InputStream.nullInputStream())
                .out(output)
                .err(errors)
                .build();
    }

    /** The function that makes what a script finds when it begins. */
    Source surroundings() {
        return surroundings;
    }

    Source source(ScriptSource script) {
        return Source.newBuilder(LANGUAGE, script.text(), script.name()).buildLiteral();
    }

    /** Ends all contexts too; after a second it goes on in the background, as a stuck script may keep it. */
    @Override
    public void close() {
        Thread closer = new Thread(() -> engine.close(true), "js-close-engine");
        closer.setDaemon(true);
        closer.start();
        try {
            closer.join(CLOSE_PATIENCE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * The engine would unpack a native library below the home folder, for a compiler that is not here, and complain when it cannot:
     * without a home, or loaded for the second time. So it is told of one that does not exist. Only the engine reads these
     * properties, once, in a static initializer.
     */
    private static <T> T withoutNativeLibrary(Supplier<T> maker) {
        Map<String, String> properties =
                Map.of("truffle.attach.library", "none", "polyglotimpl.AttachLibraryFailureAction", "ignore");
        Map<String, @Nullable String> before = new HashMap<>();
        properties.forEach((name, value) -> before.put(name, System.setProperty(name, value)));
        try {
            return maker.get();
        } finally {
            before.forEach((name, value) -> {
                if (value == null) {
                    System.clearProperty(name);
                } else {
                    System.setProperty(name, value);
                }
            });
        }
    }

    private static String resource(String name) {
        try (InputStream stream = Objects.requireNonNull(Sandbox.class.getResourceAsStream(name))) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
