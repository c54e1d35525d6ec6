// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tunneldigger.nativeio.TestNamespace;

/**
 * What must be as before after a failure: this process's sockets and devices, and a namespace's links and kernel tunnels.
 *
 * @param files what the descriptors lead to: sockets with their numbers, devices by path; regular files, which the JVM opens when it
 *     likes, left out
 */
public record OpenResources(List<String> files, List<String> links, List<String> tunnels) {
    public static OpenResources in(TestNamespace namespace) throws Exception {
        List<String> links = namespace.run("ip", "-o", "link").lines().sorted().toList();
        return new OpenResources(openFiles(), links, tunnels(namespace));
    }

    private static List<String> openFiles() throws Exception {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .map(OpenResources::target)
                    .filter(target -> target.startsWith("socket:")
                            || target.startsWith("anon_inode:")
                            || target.startsWith("/dev/net"))
                    .collect(Collectors.toCollection(TreeSet::new))
                    .stream()
                    .toList();
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return "";
        }
    }

    private static List<String> tunnels(TestNamespace namespace) throws Exception {
        try {
            return namespace.run("ip", "l2tp", "show", "tunnel").lines().toList();
        } catch (IOException e) {
            return List.of("no L2TP in this kernel");
        }
    }
}
