package org.vpns.contract;

import org.junit.jupiter.api.Nested;
import org.vpns.LabelMapping;
import org.vpns.PromptFactory;
import org.vpns.mapping.Mappings;
import org.vpns.prompt.Prompts;
import org.vpns.testing.contract.LabelMappingContract;
import org.vpns.testing.contract.VisualPromptContract;

/** Prompts and label mappings against their contracts. */
class PromptContractsTest {
  @Nested
  class Pad extends VisualPromptContract {
    @Override
    protected PromptFactory factory() {
      return Prompts.pad(3);
    }
  }

  @Nested
  class Fix extends VisualPromptContract {
    @Override
    protected PromptFactory factory() {
      return Prompts.fix(6);
    }
  }

  @Nested
  class Moving extends VisualPromptContract {
    @Override
    protected PromptFactory factory() {
      return Prompts.random(5);
    }
  }

  @Nested
  class Expansive extends VisualPromptContract {
    @Override
    protected PromptFactory factory() {
      return Prompts.expansive();
    }
  }

  @Nested
  class OwnRegion extends VisualPromptContract {
    @Override
    protected PromptFactory factory() {
      return Prompts.region("stripes", (canvas, row, column) -> row % 4 == 1);
    }
  }

  @Nested
  class OwnGreyRegion extends VisualPromptContract {
    @Override
    protected PromptFactory factory() {
      return Prompts.region("diagonal", (canvas, row, column) -> row == column).sigmoid();
    }
  }

  @Nested
  class None extends VisualPromptContract {
    @Override
    protected PromptFactory factory() {
      return Prompts.none();
    }
  }

  @Nested
  class Sigmoid extends VisualPromptContract {
    @Override
    protected PromptFactory factory() {
      return Prompts.pad(2).sigmoid();
    }
  }

  @Nested
  class Identity extends LabelMappingContract {
    @Override
    protected LabelMapping mapping() {
      return Mappings.identity();
    }
  }

  @Nested
  class RandomMapping extends LabelMappingContract {
    @Override
    protected LabelMapping mapping() {
      return Mappings.random();
    }
  }

  @Nested
  class Frequency extends LabelMappingContract {
    @Override
    protected LabelMapping mapping() {
      return Mappings.frequency();
    }
  }

  @Nested
  class Iterative extends LabelMappingContract {
    @Override
    protected LabelMapping mapping() {
      return Mappings.iterative(1);
    }
  }
}
