"""Networks: from observations to logits and values.

`NetworkSpec` says what is wanted, `populations.networks.network.Network` builds it for a layout. Only the spec is imported
here: configuration must not wait for torch.
"""

from populations.networks.spec import NetworkSpec, RelationSpec

__all__ = ["NetworkSpec", "RelationSpec"]
