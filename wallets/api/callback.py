"""/api/mblock/callback/<secret>/: where MBlock says what became of a transit. Everybody hears the same."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from wallets.operations.take_callback import take_callback


@csrf_exempt
@require_POST
def callback(request: HttpRequest, secret: str) -> HttpResponse:
    take_callback(secret=secret, body=request.body)
    return JsonResponse({"received": True})
