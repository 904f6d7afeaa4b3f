// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

/**
 * What is in a store.
 *
 * @param address without password
 * @param origin who made the tables
 * @param schemaVersion number of our last migration; 0 for a reference database that was not adopted yet
 * @param signingKeys rows, revoked ones too; so are the other counts
 * @param withdrawnPackages rows, reinstated ones too; this count and those of the other tables of limits are 0 where the
 *     store has no such tables
 * @param announcesChanges whether the database notifies running agents of changes of trust; if not, they poll
 * @param recordsOrganisation whether {@code package_signatures} has {@code org_id}, which older databases of the reference
 *     lack
 * @param altered whether an earlier version of this program has added that column to a database of the reference
 */
public record StoreStatus(
        StoreUrl address,
        Origin origin,
        int schemaVersion,
        long signingKeys,
        long trustedKeys,
        long grants,
        long signatures,
        long statements,
        long withdrawnPackages,
        long keyLimits,
        long versionFloors,
        long intakes,
        boolean announcesChanges,
        boolean recordsOrganisation,
        boolean altered) {

    /** Who made the four tables. */
    public enum Origin {
        GUARD("guard"),
        REFERENCE("reference");

        private final String text;

        Origin(String text) {
            this.text = text;
        }

        /** The name as it is stored and shown: {@code guard} or {@code reference}. */
        @Override
        public String toString() {
            return text;
        }

        static Origin of(String text) {
            return GUARD.text.equals(text) ? GUARD : REFERENCE;
        }
    }

    public Dialect dialect() {
        return address.dialect();
    }
}
