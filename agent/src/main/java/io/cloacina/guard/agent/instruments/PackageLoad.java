// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.instruments;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import org.jspecify.annotations.Nullable;

/** One decision, in the flight recorder. Its duration is all that the guard adds to the load. */
@Name(PackageLoad.NAME)
@Label("Package Load")
@Category("Cloacina Guard")
@Description("A decision on something that was about to be loaded")
final class PackageLoad extends Event {

    static final String NAME = "io.cloacina.guard.PackageLoad";

    @Label("Outcome")
    @Description("verified, refused, unverified (audit mode), exempt, covered or woven")
    @Nullable
    String outcome;

    @Label("Failure Reason")
    @Nullable
    String failureReason;

    @Label("Package Path")
    @Nullable
    String packagePath;

    @Label("Package Hash")
    @Nullable
    String packageHash;

    @Label("Signer Fingerprint")
    @Nullable
    String signerFingerprint;

    @Label("Kind")
    @Nullable
    String kind;

    @Label("Hook")
    @Nullable
    String hook;

    @Label("Bytes Hashed")
    @DataAmount
    long bytesHashed;
}
