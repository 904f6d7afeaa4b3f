// SPDX-License-Identifier: Apache-2.0
/**
 * {@code cloacina audit}: one class for each verb, {@code AuditLogFiles} for the files that all of them name.
 *
 * <p>{@code AuditReportCommand} prints what {@link io.cloacina.guard.internal.report} found, as text
 * ({@code ReportText}), JSON or HTML; {@code ReportKey} is the key that its commands sign with. What an audit log proves
 * is for {@link io.cloacina.guard.audit.ChainVerifier} to say.
 */
@NullMarked
package io.cloacina.guard.cli.audit;

import org.jspecify.annotations.NullMarked;
