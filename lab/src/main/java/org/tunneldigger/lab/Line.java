// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab;

/** What joins a client to the lab's router, and all that may befall it. Of IPv4 alone, but for loss and MTU. */
public final class Line {
    private final int number;
    private final Namespace client;
    private final Namespace router;

    Line(int number, Namespace client, Namespace router) {
        this.number = number;
        this.client = client;
        this.router = router;
    }

    /**
     * From now on each IP packet vanishes with this probability, either way; 0 mends the line.
     *
     * @param percent 0…100
     */
    public void loss(int percent) {
        // Not by a queueing discipline, which not every kernel has; the generator's value is compared with 0…99 only.
        String verdict = percent == 100 ? "drop" : "numgen random mod 100 < " + percent + " drop";
        nft("""
                table inet loss%1$d
                delete table inet loss%1$d
                table inet loss%1$d {
                  chain outbound {
                    type filter hook prerouting priority -300
                    iifname "%2$s" %3$s
                  }
                  chain inbound {
                    type filter hook postrouting priority 300
                    oifname "%2$s" %3$s
                  }
                }
                """.formatted(number, port(), verdict));
    }

    /** Makes packets above the size vanish, either way. */
    public void mtu(int bytes) {
        router.ip("link set " + port() + " mtu " + bytes);
    }

    /** The client's interface goes down, and its routes with it. */
    public void unplug() {
        client.ip("link set wan down");
    }

    /** The client's interface is up again, and the default route with it, as its network service would do it. */
    public void plugIn() {
        client.ip("link set wan up\n" + defaultRoute());
    }

    /** Another address, as after a new lease: the old one is gone before the new one is there. */
    public void readdress(String old, String fresh) {
        client.ip("address del " + old + "/24 dev wan\naddress add " + fresh + "/24 dev wan\n" + defaultRoute());
    }

    /** From now on the router shows the client's connections under an address of its own, as a home router does. */
    public void masquerade() {
        nft("""
                table ip nat%1$d {
                  chain outbound {
                    type nat hook postrouting priority 100
                    ip saddr 10.64.%1$d.0/24 masquerade
                  }
                }
                """.formatted(number));
    }

    private String defaultRoute() {
        return "route replace default via 10.64." + number + ".254";
    }

    private String port() {
        return "to-client" + number;
    }

    private void nft(String rules) {
        router.command("nft", "-f", "-").output(rules);
    }
}
