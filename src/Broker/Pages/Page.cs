using Microsoft.AspNetCore.Components;

namespace Broker.Pages;

/// <summary>A page for people; its frame is <see cref="PageFrame"/>.</summary>
public abstract class Page : ComponentBase
{
    /// <summary>What this answer's policy lets styles and scripts carry.</summary>
    [Parameter]
    [EditorRequired]
    public string Nonce { get; set; } = "";
}
