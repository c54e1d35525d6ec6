// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import java.util.concurrent.Callable;

/**
 * A network namespace that {@code ip netns add} made. What is opened inside {@link #call} (sockets, TAP devices) stays in the
 * namespace afterwards.
 */
public final class NetworkNamespace {
    private static final int CLONE_NEWNET = 0x40000000;

    private final String path;

    private NetworkNamespace(String path) {
        this.path = path;
    }

    /** @param name as {@code ip netns list} shows it */
    public static NetworkNamespace named(String name) {
        return new NetworkNamespace("/run/netns/" + name);
    }

    /** Runs the body with the calling thread inside the namespace, then takes the thread back to where it was. */
    public <T> T call(Callable<T> body) throws Exception {
        int origin = openNamespace("/proc/thread-self/ns/net");
        try {
            int target = openNamespace(path);
            try {
                LibC.check(LibC.CALLS.setns(target, CLONE_NEWNET), "setns " + path);
            } finally {
                LibC.CALLS.close(target);
            }
            try {
                return body.call();
            } finally {
                if (LibC.CALLS.setns(origin, CLONE_NEWNET) < 0) {
                    // the thread must not go on in the wrong namespace unnoticed
                    throw new IllegalStateException(new NativeException("setns back from " + path, LibC.errno()));
                }
            }
        } finally {
            LibC.CALLS.close(origin);
        }
    }

    private static int openNamespace(String path) throws NativeException {
        return LibC.check(LibC.CALLS.open(path, LibC.O_RDONLY | LibC.O_CLOEXEC), "open " + path);
    }
}
