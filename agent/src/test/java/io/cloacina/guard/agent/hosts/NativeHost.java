// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

/** Loads native libraries by path. */
public final class NativeHost {

    private NativeHost() {}

    public static void main(String[] arguments) {
        for (String path : arguments) {
            try {
                System.load(path);
                System.out.println("LOADED");
            } catch (UnsatisfiedLinkError e) {
                System.out.println("REFUSED "
                        + (e.getCause() == null
                                ? "without cause"
                                : e.getCause().getClass().getSimpleName())
                        + " " + (e.getCause() == null ? e.getMessage() : Outcome.detail(e.getCause())));
            }
        }
    }
}
