// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.weave;

/**
 * A call of a native method of the JDK that opens a library by itself, with {@code dlopen}. Its first argument, the name
 * of the library, passes a method of the bridge on its way.
 *
 * @param owner the class that declares the native method, with slashes
 * @param parameters the descriptor up to the closing bracket: a {@code String}, and at most one more, of a single slot.
 *     What is returned differs between JDKs
 * @param bridgeMethod takes and returns a {@code String}
 */
record LibraryCall(String owner, String method, String parameters, String bridgeMethod) {

    static final LibraryCall GSS =
            new LibraryCall("sun/security/jgss/wrapper/GSSLibStub", "init", "(Ljava/lang/String;Z)", "gssOpening");

    static final LibraryCall SMART_CARD = new LibraryCall(
            "sun/security/smartcardio/PlatformPCSC", "initialize", "(Ljava/lang/String;)", "smartCardOpening");

    /** The descriptor of the method of the bridge. */
    static final String BRIDGE_DESCRIPTOR = "(Ljava/lang/String;)Ljava/lang/String;";

    private static final String STRING_ALONE = "(Ljava/lang/String;)";

    boolean isMadeBy(String calledOwner, String calledMethod, String descriptor) {
        return owner.equals(calledOwner) && method.equals(calledMethod) && descriptor.startsWith(parameters);
    }

    /** Whether another argument lies on the name of the library. */
    boolean hasSecondArgument() {
        return !parameters.equals(STRING_ALONE);
    }
}
