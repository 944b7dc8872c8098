package org.vpns.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import org.junit.jupiter.api.Test;

/** What is kept of a run under way. */
final class LedgerTest {
  /** A checkpoint of a build that did not look for gradients must not say that none came. */
  @Test
  void gradients_ofALedgerThatDoesNotTell_areUnknown() {
    Ledger ledger = new Ledger();
    ledger.idle.gradientCame = false;
    JsonObject json = JsonParser.parseString(ledger.toJson()).getAsJsonObject();

    assertThat(Ledger.ofJson(json.toString(), 1).idle.gradientCame).isFalse();

    json.getAsJsonObject("effects").remove("gradientCame");
    assertThat(Ledger.ofJson(json.toString(), 1).idle.gradientCame).isNull();
  }
}
